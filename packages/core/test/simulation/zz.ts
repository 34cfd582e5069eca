Error.stackTraceLimit = 0;
import { runSeed } from './run-seed.ts';
const from = Number(process.argv[2] ?? 1); const n = Number(process.argv[3] ?? 20);
const t = performance.now(); let bad = 0; const kinds: Record<string, number> = {}; let crashes=0, commits=0;
for (let s = from; s < from + n; s++) {
  const r = await runSeed(s);
  for (const [k, v] of Object.entries(r.faults)) kinds[k] = (kinds[k] ?? 0) + (v as number);
  crashes += r.crashes; commits += r.commits;
  if (r.lost + r.duplicated + r.wrong > 0) { bad++; if (bad < 4) console.log(s, r.name, r.lost, r.duplicated, r.wrong, r.problems.slice(0, 4), r.faults); }
}
console.log('bad', bad, 'of', n, ((performance.now() - t) / n).toFixed(1), 'ms each', kinds, crashes, commits);
