import type { Config, Step, VectorCase } from '../vectors-adapter/case.ts';
import type { Choice } from './random.ts';

export function watermarksCase(c: Choice): Pick<VectorCase, 'config' | 'script'> {
  const generator = c.of('bounded', 'bounded', 'ascending', 'none');
  const config: Config = {
    generator,
    ...(generator === 'bounded' ? { boundMs: c.int(0, 6) } : {}),
    intervalMs: c.of(0, 50, 100, 200),
    ...(c.chance(0.6) ? { idleTimeoutMs: c.of(50, 200, 300) } : {}),
    ...(c.chance(0.3) ? { timestamps: 'keep' } : {}),
    ...(c.chance(0.05) ? { onlyFinal: true } : {}),
  };
  const script: Step[] = [];
  let now = 0;
  let time = c.of(0, -500, 1000);
  for (let i = c.int(4, 30); i > 0; i--) {
    const kind = c.next();
    if (kind < 0.5) {
      time += c.int(-3, 6);
      script.push({ record: { key: 'a', value: time, ts: c.chance(0.1) ? null : time + c.int(0, 2) } });
    } else if (kind < 0.9) script.push({ processingTime: (now += c.of(1, 49, 50, 51, 100, 199, 200, 201, 300)) });
    else if (kind < 0.95) script.push({ status: c.of('idle', 'active') });
    else script.push({ watermark: time + c.int(0, 100) });
  }
  if (c.chance(0.4)) script.push({ finish: true });
  if (c.chance(0.5)) script.push({ watermark: 'max' });
  return { config, script };
}

export function valveCase(c: Choice): Pick<VectorCase, 'config' | 'script'> {
  const inputs = c.int(1, 4);
  const script = c.times(4, 40, (): Step => {
    const input = c.int(0, inputs - 1);
    return c.chance(0.5) ? { input, watermark: c.int(-3, 12) } : { input, status: c.of('idle', 'active') };
  });
  return { config: { inputs }, script };
}

export function muxCase(c: Choice): Pick<VectorCase, 'config' | 'script'> {
  const splits = ['a', 'b', 'c'].slice(0, c.int(0, 3));
  const there = [...splits];
  let added = 0;
  const script: Step[] = [];
  for (let i = c.int(4, 40); i > 0; i--) {
    const kind = c.next();
    if (kind < 0.15) script.push({ periodic: true });
    else if (kind < 0.25 || there.length === 0) {
      const split = `s${added++}`;
      there.push(split);
      script.push({ register: split });
    } else if (kind < 0.3) {
      script.push({ unregister: there.splice(c.int(0, there.length - 1), 1)[0] as string });
    } else {
      const split = c.of(...there);
      const deferred = c.chance(0.3) ? { deferred: true as const } : {};
      const what = c.chance(0.7) ? { watermark: c.int(-3, 20) } : { status: c.of<'idle' | 'active'>('idle', 'active') };
      script.push({ split, ...what, ...deferred });
    }
  }
  return { config: { splits }, script };
}
