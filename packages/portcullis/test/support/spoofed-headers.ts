const hosts = [
	"evil.example",
	"evil.example:443",
	"app.example.com.evil.example",
	"app.example.com@evil.example",
	"a, evil.example",
	"localhost:1",
	"[::1]",
	"evil.example/",
	"",
	"%",
];
const schemes = ["https", "http", "javascript", "https, http", ""];

/** 200 combinations of what a caller can make up about where the app is. */
export const spoofedHeaders: readonly Record<string, string>[] = hosts.flatMap((host) =>
	schemes.flatMap((proto) => [
		{ "x-forwarded-host": host, "x-forwarded-proto": proto, "x-forwarded-port": "444" },
		{ forwarded: `for=1.2.3.4;host="${host}";proto=${proto}` },
		{
			forwarded: `host=${host};proto=${proto}, host=${host}`,
			"x-forwarded-host": host,
			"x-forwarded-prefix": `//${host}`,
			"x-forwarded-for": "10.0.0.1",
		},
		{
			"x-original-host": host,
			"x-host": host,
			"x-forwarded-server": host,
			"x-forwarded-scheme": proto,
			"x-url-scheme": proto,
			"front-end-https": "on",
			"x-real-ip": "10.0.0.1",
			"x-http-host-override": host,
			"x-forwarded-uri": "/public",
			"x-original-url": "/public",
			"x-rewrite-url": "/public",
		},
	]),
);
