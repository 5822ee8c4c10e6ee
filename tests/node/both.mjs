// age's own TypeScript library, driven from Python: open IDENTITY, seal RECIPIENT, recipient IDENTITY.
import { Decrypter, Encrypter, identityToRecipient } from "age-encryption";

const [verb, key] = process.argv.slice(2);
const chunks = [];
for await (const chunk of process.stdin) chunks.push(chunk);
const input = new Uint8Array(Buffer.concat(chunks));

if (verb === "open") {
  const decrypter = new Decrypter();
  decrypter.addIdentity(key);
  process.stdout.write(await decrypter.decrypt(input));
} else if (verb === "seal") {
  const encrypter = new Encrypter();
  encrypter.addRecipient(key);
  process.stdout.write(await encrypter.encrypt(input));
} else {
  process.stdout.write(await identityToRecipient(key));
}
