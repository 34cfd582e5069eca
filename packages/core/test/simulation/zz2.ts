import { runSeed } from './run-seed.ts';
const r = await runSeed(Number(process.argv[2]));
console.log(r.name, r.lost, r.duplicated, r.wrong, r.problems, r.faults, r.commits, r.records);
