/** The part of `pg` that its types leave out. */
declare module 'pg/lib/crypto/utils.js' {
  const cryptography: {
    /** PBKDF2 with SHA-256: the salted password of SCRAM. */
    deriveKey: (password: string, salt: Uint8Array, iterations: number) => Promise<ArrayBuffer>
    hmacSha256: (key: ArrayBuffer | Uint8Array, message: string) => Promise<ArrayBuffer | Uint8Array>
    sha256: (data: ArrayBuffer | Uint8Array) => Promise<ArrayBuffer | Uint8Array>
  }
  export default cryptography
}
