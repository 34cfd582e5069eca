import { checkpoint, checkpointSessions } from './cases/checkpoint.ts';
console.log(await (process.argv[2] === 's' ? checkpointSessions : checkpoint).run({ quick: false, rounds: 1, orders: 1 }));
