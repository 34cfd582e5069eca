/** The table of docs/guide/metrics.md is that of the code. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { FAMILIES } from '../../src/families.ts';

const GUIDE = path.join(import.meta.dirname, '../../../../docs/guide/metrics.md');

const rows = readFileSync(GUIDE, 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('| `millrace_'))
  .map((line) => {
    const [, name = '', type = '', unit = '', labels = '', meaning = ''] = line.split('|').map((cell) => cell.trim());
    return { name: name.replaceAll('`', ''), type, unit, labels, meaning };
  });

/** The names say the unit, as Prometheus wants it. */
function unitOf(name: string): string {
  if (/_seconds(?:_total)?$/.test(name)) return 'seconds';
  if (/_bytes(?:_total)?$/.test(name)) return 'bytes';
  return /_(?:records|dead_letters)/.test(name) ? 'records' : '';
}

describe('docs/guide/metrics.md', () => {
  it('has every metric with its type, unit, labels and meaning, and no other', () => {
    expect(rows).toEqual(
      FAMILIES.map(({ name, type, labels, help }) => {
        const shown = type === 'work' ? 'counter' : type;
        return { name, type: shown, unit: unitOf(name), labels: labels.join(', '), meaning: help };
      }),
    );
  });
});

describe('names', () => {
  it('are unique, begin with millrace_, and end as their type demands', () => {
    expect(new Set(FAMILIES.map(({ name }) => name)).size).toBe(FAMILIES.length);
    for (const { name, type } of FAMILIES) {
      expect(name).toMatch(/^millrace_[a-z_]+$/);
      expect(name.endsWith('_total'), name).toBe(type === 'counter' || type === 'work');
    }
  });
});
