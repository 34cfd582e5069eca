import { Cluster, type DriverUnderTest } from './contract-cluster.ts';
import { COMMIT_CASES } from './commit-cases.ts';
import { GROUP_CASES } from './group-cases.ts';
import { TOPIC_CASES } from './topic-cases.ts';
import { TRANSACTION_CASES } from './transaction-cases.ts';

/**
 * What the connector relies on, as cases for any test framework: run on the real broker and on its model, so that the model
 * is one.
 */
export function driverContract(
  under: () => DriverUnderTest,
): readonly { readonly name: string; readonly run: () => Promise<void> }[] {
  return [...TOPIC_CASES, ...TRANSACTION_CASES, ...GROUP_CASES, ...COMMIT_CASES].map(([name, check]) => ({
    name,
    async run() {
      const cluster = new Cluster(under());
      try {
        await check(cluster);
      } finally {
        await cluster.close();
      }
    },
  }));
}
