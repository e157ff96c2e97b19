import { closeSync, openSync, readSync } from "node:fs";

// The yardstick of merging: SHA-1 and SHA-256 of a file in one pass, and nothing else. Takes the file, says JSON.

const pieceBytes = 2 ** 20;

function hash(path: string) {
  const [sha1, sha256] = [new Bun.CryptoHasher("sha1"), new Bun.CryptoHasher("sha256")];
  const buffer = Buffer.allocUnsafe(pieceBytes);
  const fd = openSync(path, "r");
  const begin = performance.now();
  for (let count; (count = readSync(fd, buffer, 0, pieceBytes, null)) > 0;) {
    const piece = buffer.subarray(0, count);
    sha1.update(piece);
    sha256.update(piece);
  }
  closeSync(fd);
  return { sha1: sha1.digest("hex"), sha256: sha256.digest("hex"), seconds: (performance.now() - begin) / 1000 };
}

process.stdout.write(JSON.stringify(hash(process.argv[2] ?? "")));
