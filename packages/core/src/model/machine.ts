/** A file being written, from its beginning to its end. */
export interface FileWriter {
  /** Appends all of `bytes`, which may be reused once the promise resolves. */
  append(bytes: Uint8Array): Promise<void>;
  /** Resolves when everything appended survives a loss of power (fsync). The file's name is the folder's business. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

/** A file being read. */
export interface FileReader {
  /** Reads into `target` from `offset` on; resolves to the number of bytes, 0 at the end of the file. */
  read(target: Uint8Array, offset: number, position: number): Promise<number>;
  close(): Promise<void>;
}

/**
 * The file system as the engine uses it: real, or modelled with all that can go wrong (`simulate`).
 *
 * Errors have the `code` of the system: `ENOENT`, `EEXIST`, `ENOSPC`, `EIO`, ... Paths are joined with `/`. Changes of
 * folders (new, renamed, linked, removed files) survive a loss of power only after `syncFolder`.
 */
export interface FileSystem {
  /** Makes a folder and those above it, durably; nothing happens if it is there. */
  makeFolder(path: string): Promise<void>;
  /** Names in a folder, in no particular order. `ENOENT` if it does not exist. */
  list(path: string): Promise<readonly string[]>;
  /** A new, empty file; one that is there loses its content. */
  create(path: string): Promise<FileWriter>;
  open(path: string): Promise<FileReader>;
  /** The whole file. */
  read(path: string): Promise<Uint8Array>;
  /** Atomic; replaces what is there. */
  rename(from: string, to: string): Promise<void>;
  /** A second name for a file (hard link); atomic. `EEXIST` if the name is taken. */
  link(from: string, to: string): Promise<void>;
  remove(path: string): Promise<void>;
  /** Only an empty folder: `ENOTEMPTY`. */
  removeFolder(path: string): Promise<void>;
  syncFolder(path: string): Promise<void>;
}

/** A process, so that no other can be taken for it, not even one that gets its number later. */
export interface ProcessId {
  readonly host: string;
  /** Changes when the machine starts anew. */
  readonly boot: string;
  readonly pid: number;
  /** When the process began, in whatever unit the system counts. */
  readonly started: string;
}

/** Who runs here, and who else does. */
export interface Host {
  readonly self: ProcessId;
  /** Whether a process lives; `undefined` where that cannot be known, as on another host. */
  isAlive(other: ProcessId): boolean | undefined;
}

/** What a job needs of the machine beyond time and chance. */
export interface Machine {
  readonly files: FileSystem;
  readonly host: Host;
}
