/**
 * Configuration: the environment, parsed once by one zod schema.
 *
 * ```ts
 * const config = parseConfig(process.env);
 * ```
 */
export { isNetwork } from "./network.ts";
export { parseConfig } from "./parse.ts";
export { type Config, configSchema } from "./schema.ts";
export { byteSize, duration, integer } from "./units.ts";
