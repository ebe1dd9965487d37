/** A place for checkpoints, such as {@link checkpointFolder}. */
export interface CheckpointStore {
  /** For messages. */
  readonly name: string;
  /** Names of the checkpoints that are there. */
  list(): Promise<readonly string[]>;
  read(name: string): Promise<Uint8Array>;
  /** Writes all, or fails and leaves earlier content intact. */
  write(name: string, bytes: Uint8Array): Promise<void>;
  remove(name: string): Promise<void>;
}

/** When and where to keep the state of a run. A checkpoint is written
 * when a run begins or is canceled, and at the end of each epoch. */
export interface CheckpointOptions {
  /** Holds the checkpoints of one run: the newest two, and that of the best epoch. */
  readonly store: CheckpointStore;
  /** Besides, after so many steps each. Defaults to never. */
  readonly everySteps?: number;
  /** Besides, after so many seconds each. Defaults to never. */
  readonly everySeconds?: number;
  /**
   * Whether to go on from the newest checkpoint that is whole, with the weights that the run would have had without an interruption, bit for bit;
   * if there are none, the run begins. Defaults to `false`: checkpoints that are there are refused.
   */
  readonly resume?: boolean;
}
