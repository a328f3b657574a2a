/** Most lags that autocorrelations are told of. */
export const DESCRIPTION_LAGS_MAX = 200;
export const DESCRIPTION_LAGS = 48;
