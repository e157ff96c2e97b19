/** What goes wrong, with which requests, and how often. */
export interface Fault {
  /** `GET`, or `PUT|POST`; any by default. */
  method?: string;
  /** A regular expression found in the path and query; any by default. */
  url?: string;
  /** How many matching requests are let through first. */
  skip?: number;
  /** How many are hit; 1 by default. */
  times?: number;
  /** Refuse with this status: 503 and 429 are a throttled bucket's, 500 an internal error. */
  status?: number;
  /** Close the connection after so many bytes of the answer's body, whose length is not announced. */
  cutAfter?: number;
  /** Wait so long before anything is done, milliseconds. */
  delayMs?: number;
  /** Take and give bodies with a pause after each piece of 64 KiB, milliseconds. */
  pauseMs?: number;
  /** Never answer. */
  hang?: boolean;
  /** Turn over a bit of the body that comes in, before it is checked. */
  damage?: boolean;
  /** Say this of the object's CRC-64. */
  crc64?: string;
  /** Do what is asked, and then close the connection instead of answering. */
  dropAnswer?: boolean;
}

export interface Faults {
  add(fault: Fault): void;
  clear(): void;
  /** The fault that a request is to suffer, if any. */
  take(method: string, url: string): Fault | undefined;
}

export function createFaults(): Faults {
  let armed: { fault: Fault; skip: number; times: number }[] = [];
  return {
    add: (fault) => void armed.push({ fault, skip: fault.skip ?? 0, times: fault.times ?? 1 }),
    clear: () => void (armed = []),
    take(method, url) {
      for (const each of armed.filter(({ fault, times }) => times > 0 && matches(fault, method, url))) {
        if (each.skip > 0) each.skip -= 1;
        else {
          each.times -= 1;
          return each.fault;
        }
      }
      return undefined;
    },
  };
}

function matches(fault: Fault, method: string, url: string): boolean {
  const ofMethod = fault.method === undefined || fault.method.split("|").includes(method);
  return ofMethod && (fault.url === undefined || new RegExp(fault.url).test(url));
}
