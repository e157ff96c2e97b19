/** What a store may be called: in `STORES`, in rules, and in the rows of what it holds. */
export const storeName = /^[a-z][a-z0-9_-]{0,31}$/;
