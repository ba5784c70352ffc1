import { startSmtpSink } from '../../support/smtp-sink.ts'

/** A program that prints each mail it takes as a line of JSON, until its input ends. Its argument is the port. */
const sink = await startSmtpSink({ port: Number(process.argv[2]) })
process.stdout.write('"ready"\n')
process.stdin.resume().on('end', () => process.exit(0))
for (let count = 1; ; count++) {
  await sink.received(count, 2 ** 31 - 1)
  const mail = sink.mails[count - 1]
  process.stdout.write(
    `${JSON.stringify({ subject: mail?.subject, text: mail?.text, headers: mail?.headers, receivedWallMs: Date.now() })}\n`,
  )
}
