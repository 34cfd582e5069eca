import { connect } from 'node:tls';
import type { ClientSettings } from '../driver/driver.ts';

const TIMEOUT_MS = 2_000;

/**
 * What is wrong with a broker's certificate: librdkafka says "certificate verify failed", whether the authority is unknown or
 * the name another one.
 *
 * @returns `undefined` if it cannot be found out
 */
export function certificateProblem(broker: string, settings: ClientSettings): Promise<string | undefined> {
  const colon = broker.lastIndexOf(':');
  const host = broker.slice(0, colon).replace(/^\[|\]$/g, '');
  const port = Number(broker.slice(colon + 1));
  const ca = settings['ssl.ca.pem'];
  if (!(port > 0 && port < 65_536)) return Promise.resolve(undefined);
  return new Promise((resolve) => {
    const socket = connect(
      {
        host,
        port,
        ...(typeof ca === 'string' ? { ca } : {}),
        ...(/^[\d.]+$|:/.test(host) ? {} : { servername: host }),
        rejectUnauthorized: true,
      },
      () => end(undefined),
    );
    const end = (problem: string | undefined): void => {
      socket.destroy();
      resolve(problem);
    };
    socket.setTimeout(TIMEOUT_MS, () => end(undefined));
    socket.on('error', (error: Error) => end(`the certificate of ${broker} is refused: ${error.message}`));
  });
}
