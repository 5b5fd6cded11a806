// A film in place of a camera, so that the whole application can be tried without one.

/** The picture of a film that is played over and over, as a camera's. */
export async function filmStream(address: string): Promise<MediaStream> {
  const film = document.createElement('video');
  const response = await fetch(address);
  film.src = URL.createObjectURL(await response.blob()); // as a whole, so that it can be begun again
  film.loop = true;
  film.muted = true;
  await film.play();
  const stream = (film as unknown as { captureStream(): MediaStream }).captureStream();
  const [track] = stream.getVideoTracks();
  // The element lives as long as the track, and plays no longer.
  const stop = track.stop.bind(track);
  track.stop = () => {
    film.pause();
    stop();
  };
  return stream;
}
