/** The folder of a database's dump: its name, with what no path may hold spelled out. */
export function dumpName(database: string): string {
  return `database-${encodeURIComponent(database)}`
}

/** For `--dbname`: a name with a blank or an equals sign would be read as a connection string. */
export function quoteConnection(database: string): string {
  return `dbname='${database.replaceAll(/[\\']/g, '\\$&')}'`
}
