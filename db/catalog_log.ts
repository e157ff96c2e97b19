/** As much of a logger as the catalog needs. */
export interface CatalogLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

export const silentLog: CatalogLog = { info: () => {}, warn: () => {} };
