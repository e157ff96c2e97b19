/** Who changed something of late, anywhere in the cluster: they must read what they wrote. */
export interface Recency {
  /**
   * Whether the user changed something within the last 5 seconds (`recencyMs`). A replica that is read from is never more
   * than 2 seconds behind: the 3 between are for what passes between a change's commit and its being noted.
   *
   * May throw or reject when that cannot be told.
   */
  isRecent(userId: string): boolean | Promise<boolean>;
}
