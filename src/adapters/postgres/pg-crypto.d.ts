/** The part of `pg` that its types leave out. */
declare module 'pg/lib/crypto/utils.js' {
  const cryptography: {
    /** PBKDF2 with SHA-256: the salted password of SCRAM. */
    deriveKey: (password: string, salt: Uint8Array, iterations: number) => Promise<ArrayBuffer>
  }
  export default cryptography
}
