/** `CATALOG_VERSION_NO` of each major version since 13, as `pg_control` holds it; released versions never change it. */
const MAJOR_VERSIONS: Readonly<Record<number, number>> = {
  202007201: 13,
  202107181: 14,
  202209061: 15,
  202307071: 16,
  202406281: 17,
  202506291: 18,
}

/** The major version that a cluster with this catalog version belongs to; `undefined` for one that is not known. */
export function majorVersionOf(catalogVersion: number): number | undefined {
  return MAJOR_VERSIONS[catalogVersion]
}
