// Opens an age file of Stonechat with age's own library: node age-open.mjs KEY FILE. It asks for the key's passphrase.
import { Decrypter, armor } from "age-encryption";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline/promises";
const [key, file] = process.argv.slice(2);
let text = readFileSync(key, "utf8");
if (text.startsWith("-----BEGIN AGE")) {
  const ask = createInterface({ input: process.stdin, output: process.stderr });
  const opener = new Decrypter();
  opener.addPassphrase(await ask.question("Passphrase: "));
  ask.close();
  text = await opener.decrypt(armor.decode(text), "text");
}
const decrypter = new Decrypter();
decrypter.addIdentity(text.split("\n").find((line) => line.startsWith("AGE-SECRET-KEY-")));
process.stdout.write(await decrypter.decrypt(readFileSync(file)));
