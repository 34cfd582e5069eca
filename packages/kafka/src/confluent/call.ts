import { kafkaError } from '../driver/kafka-error.ts';

/** A function of the client with a callback, as a promise; `step` names it in errors. */
export function call<R>(step: string, act: (callback: (error: unknown, result: R) => void) => void): Promise<R> {
  return new Promise((resolve, reject) => {
    const done = (error: unknown, result: R): void => {
      if (error === null || error === undefined) resolve(result);
      else reject(kafkaError(step, error));
    };
    try {
      act(done);
    } catch (error) {
      reject(kafkaError(step, error));
    }
  });
}

/** `disconnect`, which may never call back: the process goes on without it. */
export async function disconnected(act: (callback: () => void) => void): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, DISCONNECT_MS);
    act(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}

const DISCONNECT_MS = 5_000;

/** How clients connect: about no topic in particular. The time-out blocks a thread of the process, in milliseconds. */
export const CONNECT = { allTopics: false, timeout: 15_000 } as const;
