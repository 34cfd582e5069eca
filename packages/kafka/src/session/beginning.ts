import { MillraceError } from 'millrace';
import type { AdminDriver } from '../driver/driver.ts';
import { lastMarker, type Marker } from './marker.ts';

/**
 * Where a life of the job began. A group whose coordinator has just come up may still answer with what it had committed some time
 * before, until something is written to it (docs/design/0009). Joining it has done that: what it says then is the truth, and the life
 * must have begun there.
 */
export class Beginning {
  private readonly group: string;
  private marker: Marker | undefined;
  private confirmed = false;

  constructor(group: string) {
    this.group = group;
  }

  /** A life has begun with what the group said. */
  at(marker: Marker | undefined): void {
    this.marker = marker;
    this.confirmed = false;
  }

  /**
   * Asks once per life.
   *
   * @throws MillraceError `IO_FAILED`, retryable: the life did not begin at the last commit
   */
  async confirm(admin: AdminDriver): Promise<void> {
    if (this.confirmed) return;
    const { group, marker } = this;
    const now = lastMarker(await admin.committed(group, true));
    if (now?.era !== marker?.era || now?.id !== marker?.id || now?.attempt !== marker?.attempt) {
      throw new MillraceError('IO_FAILED', {
        message:
          `Group '${group}' was behind when the job read its last commit (${marker?.id ?? 'none'} instead of ` +
          `${now?.id ?? 'none'}), as happens right after a broker's start. Nothing was committed; the job is rolled back.`,
        fields: { group },
        retryable: true,
      });
    }
    this.confirmed = true;
  }
}
