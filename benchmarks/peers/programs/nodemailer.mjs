// Nodemailer's pool: sixteen sessions, mails out of memory.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const nodemailer = createRequire(`${process.env.PEER_MODULES}/`)("nodemailer");
const mail = JSON.parse(readFileSync(process.env.PEER_MAIL, "utf-8"));
const pool = nodemailer.createTransport({
  host: "127.0.0.1",
  port: Number(process.env.PEER_PORT),
  secure: false,
  ignoreTLS: true,
  pool: true,
  maxConnections: 16,
  maxMessages: Infinity,
});

console.log("ready");
createInterface({ input: process.stdin }).once("line", async () => {
  const { sender: from, recipient: to, subject, text, html } = mail;
  const sent = [];
  for (let number = 0; number < Number(process.env.PEER_COUNT); number += 1) {
    sent.push(pool.sendMail({ from, to, subject, text, html }));
  }
  await Promise.all(sent);
  // The monotonic clock of the machine, as in the other programs.
  console.log(JSON.stringify({ ended_at: Number(process.hrtime.bigint()) / 1e9, busy_s: process.cpuUsage().user / 1e6 }));
  pool.close();
  process.exit(0);
});
