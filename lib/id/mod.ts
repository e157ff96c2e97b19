/** Ids of rows and spool files: ULIDs, made by the app, that sort by the time of their making. */
export { isId, newId } from "./id.ts";
export { isRoutingKey, newRoutedId } from "./routed_id.ts";
