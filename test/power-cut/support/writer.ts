/** Makes one operation of a store after the other, and says of each when it is durable: `writer.ts STORE PROTOCOL DIRECTORY`. */
import { writeSync } from 'node:fs'
import { createFiles } from '../../../src/adapters/filesystem/files.ts'
import { systemCallsOf, type Protocol } from './protocol.ts'
import { storeNamed } from './stores/index.ts'

const [, , store = '', protocol = 'right', directory = ''] = process.argv
const operate = await storeNamed(store).open(createFiles(systemCallsOf(protocol as Protocol)), directory)
for (let operation = 1; ; operation += 1) {
  await operate(operation)
  writeSync(1, `${String(operation)}\n`)
}
