/** Of every user of the bench, which deletes them; drawn anew in each run, for a drive that stays may be reached by others. */
export const password = crypto.randomUUID();
