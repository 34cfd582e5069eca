import { lines, type Mutant } from './mutant.ts';

const SRC = 'packages/core/src/';
const PARTS = `${SRC}platform/files/part-writer.ts`;
const COMMITS = `${SRC}platform/files/folder-commits.ts`;
const COORDINATOR = `${SRC}checkpoint/coordinator.ts`;

const LINK = 'await files.link(unfinished, path).catch((error: unknown) => this.taken(record, path, error));';

/** Of the engine, its checkpoints and its files. */
export const CORE_MUTANTS: readonly Mutant[] = [
  {
    name: 'publish-before-commit',
    file: COORDINATOR,
    find: 'await store.commitPoint.commit({ id, attempt, digest }, positions);',
    replace: lines(
      'for (const [i, sink] of this.subject.sinks.entries())',
      '  await sink.commit({ name: { id, attempt }, committable: manifest.committables[i]?.value ?? null });',
      'await store.commitPoint.commit({ id, attempt, digest }, positions);',
    ),
  },
  {
    name: 'wx-instead-of-link',
    file: COMMITS,
    find: LINK,
    replace: lines(
      'if ((await files.list(folder)).includes(String(record.id)))',
      "  await this.taken(record, path, { code: 'EEXIST' });",
      'else await writeDurably(files, path, sealJson({ format: FORMAT, ...record }));',
    ),
  },
  {
    name: 'commit-not-exclusive',
    file: COMMITS,
    find: `${LINK}\n      await files.remove(unfinished);`,
    replace: 'await files.rename(unfinished, path);',
  },
  {
    name: 'no-fsync-of-output',
    file: PARTS,
    find: 'const staged = await this.part.sync();',
    replace: lines(
      'const { staged: file, bytes } = this.part;',
      'const { crc } = this.part as unknown as { crc: number };',
      "const staged = { staged: file, bytes, digest: crc.toString(16).padStart(8, '0') };",
    ),
  },
  {
    name: 'no-fsync-of-state',
    file: `${SRC}platform/files/directory-store.ts`,
    find: 'await writer.sync();',
    replace: '',
  },
  {
    name: 'no-fsync-of-manifest',
    file: `${SRC}platform/files/write-file.ts`,
    find: 'await file.sync();',
    replace: '',
  },
  {
    name: 'no-fsync-of-output-folder',
    file: PARTS,
    find: 'if (this.prepared !== NOTHING) await this.files.syncFolder(this.o.staging);',
    replace: '',
  },
  {
    name: 'no-fsync-of-checkpoint-folder',
    file: `${SRC}platform/files/directory-store.ts`,
    find: 'await files.syncFolder(folder);',
    replace: '',
  },
  {
    name: 'no-fsync-of-commits-folder',
    file: COMMITS,
    find: 'await files.remove(unfinished);\n      await files.syncFolder(folder);',
    replace: 'await files.remove(unfinished);',
  },
  {
    name: 'latest-read-before-durable',
    file: COMMITS,
    find: 'await this.files.syncFolder(this.folder);',
    replace: '',
  },
  {
    name: 'published-name-not-durable',
    file: PARTS,
    find: "      if (codeOf(error) !== 'ENOENT') throw error;\n    }\n    await this.files.syncFolder(dir);",
    replace: "      if (codeOf(error) !== 'ENOENT') throw error;\n    }",
  },
  {
    name: 'sink-commit-skipped-at-recovery',
    file: PARTS,
    find: 'if (await isWhole(this.files, this.o.staging, publish)) await this.publish(publish);',
    replace: 'if (publish === undefined) await this.publish(publish);',
  },
  {
    name: 'position-of-read',
    file: `${SRC}connectors/memory-source.ts`,
    find: '    next: to,\n',
    replace: '    next: to + 1,\n',
  },
  {
    name: 'timers-not-restored',
    file: `${SRC}operators/process/key-timers.ts`,
    find: '    timers.event.restore(event);',
    replace: '',
  },
  {
    name: 'watermark-not-restored',
    file: `${SRC}runtime/job-core.ts`,
    find: '      segment.watermark = decodeTime(saved.watermark);',
    replace: '',
  },
  {
    name: 'delta-chain-cut-short',
    file: COORDINATOR,
    find: '[...this.chain, ...segments]',
    replace: '[...this.chain.slice(0, 1), ...segments]',
  },
  {
    name: 'full-snapshot-keeps-nothing',
    file: `${SRC}checkpoint/recovery.ts`,
    find: 'if (wanted(frame.keyGroup) && wantedOperators.has(frame.operator))',
    replace: 'if (wanted(frame.keyGroup) && index > 0)',
  },
  {
    name: 'attempt-left-out-of-name',
    file: PARTS,
    find: 'partName(context.partition, name.id, name.attempt)',
    replace: 'partName(context.partition, 1 + (name.id % 2), undefined)',
  },
  {
    name: 'late-counter-not-restored',
    file: `${SRC}metrics/operator-metrics.ts`,
    find: '    this.late = counts.late;',
    replace: '',
  },
  {
    name: 'write-during-walk-not-saved',
    file: `${SRC}state/heap-slice.ts`,
    find: 'this.walk?.beforeChange(row);',
    replace: '',
  },
  {
    name: 'deletion-left-out-of-delta',
    file: `${SRC}state/heap-keyed-store.ts`,
    find: 'if (!cell.alive && !cell.kept) return;',
    replace: 'if (!cell.alive) return;',
  },
  {
    name: 'slice-number-used-again',
    file: `${SRC}state/heap-slice-store.ts`,
    find: '    this.nextNumber = Math.max(this.nextNumber, nextNumber);',
    replace: '',
  },
  {
    name: 'output-after-cut-goes-with-it',
    file: PARTS,
    find: '  private cut(name: CheckpointName, last: boolean): void {\n    this.pass(0);',
    replace: '  private cut(name: CheckpointName, last: boolean): void {',
  },
  {
    name: 'rolled-part-lost-at-recovery',
    file: PARTS,
    find: 'this.part = await OpenPart.copy(',
    replace: 'if (last.name.id > 0) return;\n      this.part = await OpenPart.copy(',
  },
];
