/** Before the tests: the Kafka client. Where it cannot be had the tests that need it say so, and the others run. */
import { KafkaSetupError, setupClient } from './client.mjs';

try {
  setupClient();
} catch (error) {
  if (!(error instanceof KafkaSetupError)) throw error;
  process.stderr.write(`millrace: THE TESTS ON KAFKA WILL BE SKIPPED: ${error.message}\n`);
}
