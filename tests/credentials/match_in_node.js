// match's encryption once more, by node's own crypto: node match_in_node.js seal|open 1|2 PASSPHRASE < in > out
const crypto = require("crypto");
const [, , action, version, passphrase] = process.argv;

function fromPassphrase(hash, salt) {
  let made = Buffer.alloc(0), last = Buffer.alloc(0);
  while (made.length < 48) {
    last = crypto.createHash(hash).update(Buffer.concat([last, Buffer.from(passphrase), salt])).digest();
    made = Buffer.concat([made, last]);
  }
  return [made.subarray(0, 32), made.subarray(32, 48)];
}

function derived(salt) {
  const made = crypto.pbkdf2Sync(passphrase, salt, 10000, 68, "sha256");
  return [made.subarray(0, 32), made.subarray(32, 44), made.subarray(44)];
}

function seal(content) {
  const salt = crypto.randomBytes(8);
  if (version === "1") {
    const cipher = crypto.createCipheriv("aes-256-cbc", ...fromPassphrase("md5", salt));
    return Buffer.concat([Buffer.from("Salted__"), salt, cipher.update(content), cipher.final()]);
  }
  const [key, iv, aad] = derived(salt);
  const cipher = crypto.createCipheriv("aes-256-gcm", key, iv);
  cipher.setAAD(aad);
  const sealed = Buffer.concat([cipher.update(content), cipher.final()]);
  return Buffer.concat([Buffer.from("match_encrypted_v2__"), salt, cipher.getAuthTag(), sealed]);
}

function open(data) {
  if (version === "1") {
    const decipher = crypto.createDecipheriv("aes-256-cbc", ...fromPassphrase("md5", data.subarray(8, 16)));
    return Buffer.concat([decipher.update(data.subarray(16)), decipher.final()]);
  }
  const [key, iv, aad] = derived(data.subarray(20, 28));
  const decipher = crypto.createDecipheriv("aes-256-gcm", key, iv);
  decipher.setAAD(aad);
  decipher.setAuthTag(data.subarray(28, 44));
  return Buffer.concat([decipher.update(data.subarray(44)), decipher.final()]);
}

const given = require("fs").readFileSync(0);
if (action === "seal") process.stdout.write(seal(given).toString("base64").replace(/.{1,60}/g, "$&\n"));
else process.stdout.write(open(Buffer.from(given.toString(), "base64")));
