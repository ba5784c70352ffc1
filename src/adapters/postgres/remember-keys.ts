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

let remembering = false

/**
 * Lets `pg` remember the keys of SCRAM logins: their 4,096 rounds of SHA-256 at every look cost more processor time than
 * everything else of it. The function is replaced within `pg`, which has no setting for it.
 */
export function rememberScramKeys(): void {
  if (remembering) return
  remembering = true
  cryptography.deriveKey = rememberKeys(cryptography.deriveKey)
}
