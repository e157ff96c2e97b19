/**
 * Where bytes belong: the small language of `STORE_POLICY` and of `move --where`.
 *
 * ```ts
 * const policy = parsePolicy("size>=1GiB -> ceph; type=video/* -> ceph+oss; *.log -> hot");
 * placesIn(policy, { name: "a.mp4", type: "video/mp4", size: 10 }); // ["ceph", "oss"]
 * parseCondition("size>1GiB & name!=*.iso")({ name: "a.bin", type: "", size: 2 ** 31 }); // true
 * ```
 *
 * A policy is rules parted by `;`, a rule is `condition -> store+store`, a condition is tests joined by `&`: `*` (everything),
 * `size` with `>= > <= < = !=` and a size, `type` or `name` with `=` or `!=` and a pattern, or a bare pattern, which is one
 * of names. In patterns `*` stands for any characters and `?` for one, whatever their case; one with spaces or any of
 * `; & < > = ! "` in it stands in double quotes.
 */
export { type Condition, parseCondition, type Placed } from "./condition.ts";
export { mediaTypeOf } from "./media_type.ts";
export { parsePolicy, placesIn, type Policy, type Rule } from "./policy.ts";
export { storeName } from "./store_name.ts";
