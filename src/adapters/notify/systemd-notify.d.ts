/* eslint no-restricted-syntax: off -- this describes a package as it is: an ambient module with a default export. */

/** The npm package has no types of its own. Rejects with a string, or with an Error when the program is missing. */
declare module 'systemd-notify' {
  export default function notify(options: { ready?: boolean; status?: string; pid?: number }): Promise<unknown>
}
