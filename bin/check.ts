// `npm run check`: types, lint (with the import direction), format, dead code. Needs no server and changes nothing.

const tools: [name: string, ...command: string[]][] = [
  ["types", "tsc", "--noEmit"],
  ["types of the page", "tsc", "--noEmit", "-p", "gateway/web"],
  ["lint", "oxlint", "--type-aware", "--deny-warnings"],
  ["format", "oxfmt", "--check", "."],
  ["dead code", "knip", "--no-progress"],
];

async function run([name, tool = "", ...args]: (typeof tools)[number]): Promise<boolean> {
  const child = Bun.spawn([`node_modules/.bin/${tool}`, ...args], { stdout: "pipe", stderr: "pipe" });
  const [out, err, code] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
  process.stdout.write(code === 0 ? `ok      ${name}\n` : `FAILED  ${name}\n${out}${err}\n`);
  return code === 0;
}

const results: boolean[] = [];
for (const tool of tools) results.push(await run(tool));
process.exit(results.every(Boolean) ? 0 : 1);
