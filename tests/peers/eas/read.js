// What eas-cli's own reader makes of the credentials.json in each of these folders.
// usage: node read.js NODE_MODULES FOLDER…
const [modules, ...folders] = process.argv.slice(2);
const reader = require(`${modules}/eas-cli/build/credentials/credentialsJson/read.js`);

async function read(folder) {
  const ios = await reader.readIosCredentialsAsync(folder, { targetName: "Acme" });
  return { ios, android: await reader.readAndroidCredentialsAsync(folder) };
}

Promise.all(folders.map(read)).then((found) => console.log(JSON.stringify(found)));
