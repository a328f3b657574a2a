'use client';
import { Component, type ReactNode } from 'react';
import { Fallen } from './fallen.tsx';

interface GuardProps {
  readonly children: ReactNode;
}

interface GuardState {
  readonly thrown: Error | null;
}

/** Keeps a fault of one panel from taking the page, and the kill switch on it, down. */
export class Guard extends Component<GuardProps, GuardState> {
  static getDerivedStateFromError(thrown: unknown): GuardState {
    return { thrown: thrown instanceof Error ? thrown : new Error(String(thrown)) };
  }

  override state: GuardState = { thrown: null };

  override render(): ReactNode {
    const { thrown } = this.state;
    if (thrown === null) return this.props.children;
    return <Fallen thrown={thrown} onRetry={() => this.setState({ thrown: null })} />;
  }
}
