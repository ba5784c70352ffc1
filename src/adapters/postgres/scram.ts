import { createHash, createHmac } from 'node:crypto'
import cryptography from 'pg/lib/crypto/utils.js'

/** Users times clusters of one daemon, with room. */
const KEYS_AT_MOST = 16

type DeriveKey = typeof cryptography.deriveKey

/**
 * The same function with a memory: a role keeps its salt until its password changes, so one derivation serves every
 * later login. A derivation that fails is not remembered.
 */
export function rememberKeys(deriveKey: DeriveKey): DeriveKey {
  const keys = new Map<string, Promise<ArrayBuffer>>()
  return (password, salt, iterations) => {
    const name = JSON.stringify([password, iterations, Buffer.from(salt).toString('base64')])
    const known = keys.get(name)
    if (known !== undefined) return known
    const key = deriveKey(password, salt, iterations)
    keys.set(name, key)
    key.catch(() => keys.delete(name))
    const oldest = keys.keys().next().value
    if (keys.size > KEYS_AT_MOST && oldest !== undefined) keys.delete(oldest)
    return key
  }
}

let improved = false

/**
 * Makes SCRAM logins cheap: their keys are remembered, whose 4,096 rounds of SHA-256 at every look would cost more processor
 * time than everything else of it, and their few short digests are computed at once and not by the thread pool, which wakes
 * a thread for each. The functions are replaced within `pg`, which has no setting for it.
 */
export function makeScramCheap(): void {
  if (improved) return
  improved = true
  cryptography.deriveKey = rememberKeys(cryptography.deriveKey)
  cryptography.hmacSha256 = async (key, message) => createHmac('sha256', asBytes(key)).update(message).digest()
  cryptography.sha256 = async (data) => createHash('sha256').update(asBytes(data)).digest()
}

function asBytes(data: ArrayBuffer | Uint8Array): Uint8Array {
  return data instanceof Uint8Array ? data : new Uint8Array(data)
}
