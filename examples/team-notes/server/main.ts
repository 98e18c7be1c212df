// npm run dev, npm start
const production = process.argv.includes("--production");
if (production) process.env.NODE_ENV = "production";

// After that: the gate reads the environment when it is made.
const { startApp } = await import("./listen.ts");
const { url, close } = await startApp({
	port: Number(process.env.PORT ?? 3000),
	development: !production,
});
console.log(`Team notes is at ${url}`);

for (const signal of ["SIGINT", "SIGTERM"] as const)
	process.once(signal, () => void close().then(() => process.exit(0)));
