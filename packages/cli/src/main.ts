#!/usr/bin/env node
import process from 'node:process';
import { run } from './run.ts';

// A reader of our output that goes away (`millrace dlq ls | head`) is no failure.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);

const io = {
  out: (line: string): void => void process.stdout.write(`${line}\n`),
  say: (line: string): void => void process.stderr.write(`${line}\n`),
};
process.exitCode = await run(process.argv.slice(2), { io, folder: process.cwd() });
