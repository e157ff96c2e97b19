import { describe, expect, test } from "bun:test";

import { configSchema, parseConfig } from "#lib/config/mod.ts";

import { configTexts } from "./config_table.ts";

describe("the configuration in words", () => {
  test("README.md and .env.example say what the schema says", async () => {
    for (const { held, wanted } of await configTexts()) expect(held).toBe(wanted);
  });

  test("each variable has a meaning", () => {
    for (const [name, field] of Object.entries(configSchema.shape)) expect(field.description ?? "", name).not.toBe("");
  });

  test(".env.example with its comments taken off is the configuration without it", async () => {
    const example = (await configTexts()).find(({ path }) => path.endsWith(".env.example"))?.held ?? "";
    const lines = [...example.matchAll(/^#([A-Z_]+)=(.*)$/gm)].map(([, name = "", value = ""]) => [name, value]);
    expect(lines.map(([name]) => name)).toEqual(Object.keys(configSchema.shape));
    expect(parseConfig(Object.fromEntries(lines))).toEqual(parseConfig({}));
  });
});
