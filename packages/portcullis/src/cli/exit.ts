/** Ends a command with an exit code of its own. */
export class Exit extends Error {
	override readonly name: string = "Exit";
	readonly code: number;

	/** @param message For the standard error; may be empty. */
	constructor(code: number, message: string) {
		super(message);
		this.code = code;
	}
}
