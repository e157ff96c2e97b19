import { type Goal, isMet, type Outcome, type Row } from "../scenario.ts";

/** A scenario's outcome as lines for a terminal. */
export function tableReport({ rows, goals }: Outcome): string {
  return [...tableOf(rows), "", ...goals.map(goalLine), ""].join("\n");
}

function tableOf(rows: Row[]): string[] {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const cells = [names, ...rows.map((row) => names.map((name) => String(row[name] ?? "")))];
  const widths = names.map((_, column) => Math.max(...cells.map((line) => line[column]?.length ?? 0)));
  return cells.map((line) => `  ${line.map((cell, i) => pad(cell, widths[i] ?? 0, i)).join("  ")}`.trimEnd());
}

function pad(cell: string, width: number, column: number): string {
  return column === 0 ? cell.padEnd(width) : cell.padStart(width);
}

function goalLine(goal: Goal): string {
  const { name, value, unit, atLeast, atMost } = goal;
  const wanted = atLeast === undefined ? `≤ ${atMost}` : `≥ ${atLeast}`;
  return `  ${isMet(goal) ? "met   " : "MISSED"}  ${name}: ${Number(value.toFixed(2))} ${unit} (goal ${wanted} ${unit})`;
}
