/** What every request of the API carries. */
export interface StripeEnv {
  Variables: {
    /** Of the query or of the form, read by their brackets. */
    params: unknown;
  };
}
