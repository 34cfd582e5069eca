import { expect, it } from 'vitest';
import { seededRandom } from 'millrace/testing';
import { modelBroker } from '../../src/testing.ts';
import { driverContract } from '../contract/driver-contract.ts';

let names = 0;
const random = seededRandom(7);
const cluster = modelBroker({ travelMs: () => 3 * random.next() });
const cases = driverContract(() => ({
  driver: cluster.driver,
  bootstrap: 'model:9092',
  name: (what) => `${what}-${++names}`,
}));

it.each(cases)('the modelled broker $name', async ({ run }) => {
  await expect(run()).resolves.toBeUndefined();
});
