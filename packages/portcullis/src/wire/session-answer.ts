/** What `GET /_portcullis/session` answers: who the caller is. Never holds a token. */
export type SessionAnswer =
	| { readonly signedIn: false }
	| {
			readonly signedIn: true;
			readonly user: {
				readonly sub: string;
				readonly name: string;
				readonly email: string | null;
				readonly picture: string | null;
				/** Name of the provider. */
				readonly provider: string;
			};
			/** When the session ends at the latest, seconds since the epoch. */
			readonly expiresAt: number;
	  };
