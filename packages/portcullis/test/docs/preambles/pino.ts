declare function pino(options: {
	name: string;
}): Record<"info" | "warn", (fields: object, message: string) => void>;
