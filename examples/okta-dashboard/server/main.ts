// npm run dev, npm start
const production = process.argv.includes("--production");
process.env.NODE_ENV = production ? "production" : "development";

// After that: the gate and React read the environment when they are loaded.
const { startApp } = await import("./listen.ts");
const { url, close } = await startApp({ port: Number(process.env.PORT ?? 3000), development: !production });
console.log(`The dashboard is at ${url}`);

for (const signal of ["SIGINT", "SIGTERM"] as const)
	process.once(signal, () => void close().then(() => process.exit(0)));
