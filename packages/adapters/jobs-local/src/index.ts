export { openLocalJobs, type LocalJobsOptions } from './open-local-jobs.ts';
