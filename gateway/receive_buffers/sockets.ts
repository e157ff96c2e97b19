import { dlopen, FFIType, ptr } from "bun:ffi";
import { readdirSync } from "node:fs";

/** Linux: asm-generic/socket.h. */
const solSocket = 1;
const soRcvbuf = 8;
const soBufLock = 72;

/** The sockets of this process that have one local port: the one that listens on it, and those that it accepted. */
export interface Sockets {
  /**
   * Bounds what the system keeps of what comes in until it is read. What is accepted later inherits it.
   *
   * @param bytes as the system counts them, its own overhead included; it takes `net.core.rmem_max` twice at most.
   */
  bound(bytes: number): void;
  /** Lets the system choose again, with the speed of the sender (since Linux 5.14; before that, it stays as it is). */
  release(): void;
  /** What the system keeps for each at most now, bytes, so that a test can see it. */
  bounds(): number[];
}

const { i32, u32, ptr: pointer } = FFIType;

/** @throws {Error} where the system's C library is not glibc. */
export function socketsOn(port: number): Sockets {
  const { symbols } = dlopen("libc.so.6", {
    getsockname: { args: [i32, pointer, pointer], returns: i32 },
    getsockopt: { args: [i32, i32, i32, pointer, pointer], returns: i32 },
    setsockopt: { args: [i32, i32, i32, pointer, u32], returns: i32 },
  });
  const address = new Uint8Array(128);
  const length = new Uint32Array(1);
  const value = new Int32Array(1);

  const setAll = (name: number, to: number) => {
    value[0] = to;
    // One that is closed by now says so, and needs nothing.
    for (const fd of ours()) symbols.setsockopt(fd, solSocket, name, ptr(value), value.byteLength);
  };

  function ours(): number[] {
    return readdirSync("/proc/self/fd").map(Number).filter(isOurs);
  }

  /** sockaddr_in and sockaddr_in6 alike: the family, then the port, its high byte first. */
  function isOurs(fd: number): boolean {
    length[0] = address.byteLength;
    const isInternet = symbols.getsockname(fd, ptr(address), ptr(length)) === 0 && length[0] >= 16;
    return isInternet && address[2] === port >> 8 && address[3] === (port & 255);
  }

  return {
    // Which doubles it (socket(7)).
    bound: (bytes) => setAll(soRcvbuf, Math.ceil(bytes / 2)),
    release: () => setAll(soBufLock, 0),
    bounds: () =>
      ours().map((fd) => {
        length[0] = value.byteLength;
        symbols.getsockopt(fd, solSocket, soRcvbuf, ptr(value), ptr(length));
        return value[0] ?? 0;
      }),
  };
}
