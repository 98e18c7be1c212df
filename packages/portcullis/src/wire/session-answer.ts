/** What `GET /_portcullis/session` answers: who the caller is. Never holds a token. */
export type SessionAnswer =
	| {
			readonly signedIn: false;
			/** There only if `POST refresh` may bring the session back. */
			readonly refresh?: RefreshState;
			/**
			 * There only if a session has expired and cannot be refreshed, without a sign-out.
			 */
			readonly expired?: true;
	  }
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
			/** When the session ends at the latest, unless it is renewed; seconds since the epoch. */
			readonly expiresAt: number;
			/** There only if the session can be renewed. */
			readonly refresh?: RefreshState;
	  };

/** What a browser has to know to renew a session in time, and once. */
export interface RefreshState {
	/** Grows with each renewal. */
	readonly generation: number;
	/** When to renew, seconds since the epoch. */
	readonly at: number;
}

/** What `POST /_portcullis/refresh` answers when the session goes on; otherwise it is a problem. */
export interface RefreshAnswer {
	readonly session: SessionAnswer;
	/**
	 * False if there was nothing to do, because another tab was first, or nothing could be done,
	 * because the provider is down.
	 */
	readonly renewed: boolean;
}
